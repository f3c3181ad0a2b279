// The modules of the page My network, for tests/answering.mjs.
import { answer, own } from "../../answering.mjs";

const { unpackedSet } = await own("packed-sets.js");
const { Matcher, reasonText } = await own("affected-sets.js");
const model = await own("network-model.js");

const joined = (and) => (names) => (names.length < 2 ? names.join("") : and.replace("{first}", names.slice(0, -1).join(", ")).replace("{last}", names.at(-1)));

await answer({
  unpacked: (packed) => unpackedSet(Buffer.from(packed, "base64")),
  reasons(found, language, { on, and, names }, questions) {
    const matcher = new Matcher(found);
    const said = (platforms, reason) => on.replace("{platforms}", platforms).replace("{reason}", reason);
    return questions.map(([release, platform]) => matcher.matches(release, platform).map((match) => [match.id, match.kind, match.severity, match.card,
      reasonText(match, found.reasons[language], (name) => names[name] ?? name, said, joined(and))]));
  },
  unknown(found) {
    try {
      return new Matcher(found).matches("0.0");
    } catch (error) {
      return error.name;
    }
  },
  standing: (release, today) => model.standing(release, today),
  recommended: (releases, devices, today) => devices.map((release) => model.recommendedFor(releases, release, today)),
  difference(before, after) {
    const found = model.difference(before.map((id) => ({ id })), after.map((id) => ({ id })));
    return Object.fromEntries(Object.entries(found).map(([name, matches]) => [name, matches.map(({ id }) => id)]));
  },
  ranking(releases, devices, weights, today, open) {
    const matches = (release, platform) => (open[`${release.id}/${platform}`] ?? open[release.id] ?? []).map((severity) => ({ severity }));
    return model.ranking(releases, model.groupsOf(devices), weights, today, matches).map((row) => [row.release.id, row.exposure, row.later, row.counts]);
  },
  news(before, devices, open) {
    const found = model.news(before, model.groupsOf(devices), ({ key }) => (open[key] ?? []).map((id) => ({ id })));
    return found && [...found].sort();
  },
  remembered: (devices, open) => model.remembered(model.groupsOf(devices), ({ key }) => (open[key] ?? []).map((id) => ({ id }))),
});
