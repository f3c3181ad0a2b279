"""CVSS vectors spelt out metric by metric (FIRST, CVSS v3.0, v3.1 and v4.0 specification documents, metric tables)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.contexts.records import MetricGroup, ScoreView
from generator.edition import Edition, _
from kb.records import AnyRecord, Score, SecurityBulletin

Values = Mapping[str, str]

_NONE_LOW_HIGH = {"N": _("None"), "L": _("Low"), "H": _("High")}
_LOW_HIGH = {"L": _("Low"), "H": _("High")}
_REQUIREMENT = {"L": _("Low"), "M": _("Medium"), "H": _("High")}
_VECTOR = {"N": _("Network"), "A": _("Adjacent network"), "L": _("Local"), "P": _("Physical")}
_INTERACTION_3 = {"N": _("None"), "R": _("Required")}
_INTERACTION_4 = {"N": _("None"), "P": _("Passive"), "A": _("Active")}
_SCOPE = {"U": _("Unchanged"), "C": _("Changed")}
_REQUIREMENTS_4 = {"N": _("None"), "P": _("Present")}
_SUBSEQUENT = {"N": _("Negligible"), "L": _("Low"), "H": _("High")}
_BASE = {
    "AV": (_("Attack vector"), _VECTOR), "AC": (_("Attack complexity"), _LOW_HIGH),
    "AT": (_("Attack requirements"), _REQUIREMENTS_4), "PR": (_("Privileges required"), _NONE_LOW_HIGH),
}
_REQUIREMENTS = {
    "CR": (_("Confidentiality requirement"), _REQUIREMENT), "IR": (_("Integrity requirement"), _REQUIREMENT),
    "AR": (_("Availability requirement"), _REQUIREMENT),
}
_BASE_3 = {
    **{name: metric for name, metric in _BASE.items() if name != "AT"}, "UI": (_("User interaction"), _INTERACTION_3),
    "S": (_("Scope"), _SCOPE), "C": (_("Confidentiality"), _NONE_LOW_HIGH), "I": (_("Integrity"), _NONE_LOW_HIGH),
    "A": (_("Availability"), _NONE_LOW_HIGH),
}
_BASE_4 = {
    **_BASE, "UI": (_("User interaction"), _INTERACTION_4),
    "VC": (_("Confidentiality of the vulnerable system"), _NONE_LOW_HIGH),
    "VI": (_("Integrity of the vulnerable system"), _NONE_LOW_HIGH),
    "VA": (_("Availability of the vulnerable system"), _NONE_LOW_HIGH),
    "SC": (_("Confidentiality of subsequent systems"), _NONE_LOW_HIGH),
    "SI": (_("Integrity of subsequent systems"), _NONE_LOW_HIGH),
    "SA": (_("Availability of subsequent systems"), _NONE_LOW_HIGH),
}
_SUBSEQUENT_4 = {"SC": _SUBSEQUENT, "SI": {**_SUBSEQUENT, "S": _("Safety")}, "SA": {**_SUBSEQUENT, "S": _("Safety")}}
Metrics = Mapping[str, tuple[str, Values]]

GROUPS_3: tuple[tuple[str, Metrics], ...] = (
    (_("Base metrics"), _BASE_3),
    (_("Temporal metrics"), {
        "E": (_("Exploit code maturity"), {"U": _("Unproven"), "P": _("Proof of concept"), "F": _("Functional"), "H": _("High")}),
        "RL": (_("Remediation level"), {
            "O": _("Official fix"), "T": _("Temporary fix"), "W": _("Workaround"), "U": _("Unavailable")}),
        "RC": (_("Report confidence"), {"U": _("Unknown"), "R": _("Reasonable"), "C": _("Confirmed")})}),
    (_("Environmental metrics"), {**_REQUIREMENTS, **{f"M{name}": metric for name, metric in _BASE_3.items()}}),
)
GROUPS_4: tuple[tuple[str, Metrics], ...] = (
    (_("Base metrics"), _BASE_4),
    (_("Threat metrics"), {
        "E": (_("Exploit maturity"), {"A": _("Attacked"), "P": _("Proof of concept"), "U": _("Unreported")})}),
    (_("Environmental metrics"), {**_REQUIREMENTS, **{
        f"M{name}": (words, _SUBSEQUENT_4.get(name, values)) for name, (words, values) in _BASE_4.items()}}),
    (_("Supplemental metrics"), {
        "S": (_("Safety"), {"N": _("Negligible"), "P": _("Present")}), "AU": (_("Automatable"), {"N": _("No"), "Y": _("Yes")}),
        "R": (_("Recovery"), {"A": _("Automatic"), "U": _("By the user"), "I": _("Irrecoverable")}),
        "V": (_("Value density"), {"D": _("Diffuse"), "C": _("Concentrated")}),
        "RE": (_("Effort of vulnerability response"), {"L": _("Low"), "M": _("Moderate"), "H": _("High")}),
        "U": (_("Urgency, as the vendor sees it"), {
            "Clear": _("Clear (none)"), "Green": _("Green (reduced)"), "Amber": _("Amber (moderate)"),
            "Red": _("Red (highest)")})}),
)


def score_views(edition: Edition, record: AnyRecord) -> tuple[ScoreView, ...]:
    """The scores of a security bulletin, each with its metrics in words."""
    if not isinstance(record, SecurityBulletin):
        return ()
    return tuple(
        ScoreView(title=_title(score), score=f"{score.score:.1f}", chip=edition.severity_chip(score.severity),
                  vector=score.vector, groups=tuple(_groups(edition, score)))
        for score in record.scores)


def _title(score: Score) -> str:
    """The version; of CVSS 4.0 also which metrics the score rests on (specification, section 1.3: CVSS-B, -BT, -BE, -BTE)."""
    if score.version != "4.0":
        return f"CVSS {score.version}"
    threat, environmental = GROUPS_4[1][1], GROUPS_4[2][1]
    given = _given(score.vector)
    return f"CVSS 4.0 (CVSS-B{'T' if given.keys() & threat.keys() else ''}{'E' if given.keys() & environmental.keys() else ''})"


def _given(vector: str) -> dict[str, str]:
    """Value by metric, without those that are not defined (X)."""
    found = dict(part.split(":", 1) for part in vector.split("/")[1:])
    return {name: value for name, value in found.items() if value != "X"}


def _groups(edition: Edition, score: Score) -> Iterator[MetricGroup]:
    given, say = _given(score.vector), edition.say
    for title, metrics in GROUPS_4 if score.version == "4.0" else GROUPS_3:
        rows = tuple((_metric(edition, name, words), say(values.get(given[name], given[name])))
                     for name, (words, values) in metrics.items() if name in given)
        if rows:
            yield MetricGroup(title=say(title), metrics=rows)



def _metric(edition: Edition, name: str, words: str) -> str:
    """A metric's name; one of the environmental group may take the place of one of the base group."""
    return edition.say("Modified: {metric}", metric=edition.say(words)) if name.startswith("M") else edition.say(words)
