"""CVSS vectors spelt out metric by metric."""

from __future__ import annotations

from generator.contexts import ScoreView
from generator.edition import Edition, _
from kb.records import AnyRecord, SecurityBulletin

METRICS = {
    "AV": _("Attack vector"), "AC": _("Attack complexity"), "AT": _("Attack requirements"), "PR": _("Privileges required"),
    "UI": _("User interaction"), "S": _("Scope"), "C": _("Confidentiality"), "I": _("Integrity"), "A": _("Availability"),
    "VC": _("Confidentiality of the system"), "VI": _("Integrity of the system"), "VA": _("Availability of the system"),
    "SC": _("Confidentiality of later systems"), "SI": _("Integrity of later systems"),
    "SA": _("Availability of later systems"), "E": _("Exploit maturity"), "RL": _("Remediation level"),
    "RC": _("Report confidence"),
}
_IMPACT = {"H": _("High"), "L": _("Low"), "N": _("None")}
VALUES: dict[str, dict[str, str]] = {
    "AV": {"N": _("Network"), "A": _("Adjacent network"), "L": _("Local"), "P": _("Physical")},
    "AC": {"L": _("Low"), "H": _("High")}, "AT": {"N": _("None"), "P": _("Present")},
    "PR": {"N": _("None"), "L": _("Low"), "H": _("High")},
    "UI": {"N": _("None"), "R": _("Required"), "P": _("Passive"), "A": _("Active")},
    "S": {"U": _("Unchanged"), "C": _("Changed")},
    "E": {"X": _("Not defined"), "A": _("Attacked"), "P": _("Proof of concept"), "U": _("Unreported"), "F": _("Functional"),
          "H": _("High")},
}


def score_views(edition: Edition, record: AnyRecord) -> tuple[ScoreView, ...]:
    """The scores of a security bulletin, each with its metrics in words."""
    if not isinstance(record, SecurityBulletin):
        return ()
    return tuple(
        ScoreView(title=f"CVSS {score.version}", score=f"{score.score:.1f}", chip=edition.severity_chip(score.severity),
                  vector=score.vector, metrics=tuple(_metrics(edition, score.vector)))
        for score in record.scores)


def _metrics(edition: Edition, vector: str) -> list[tuple[str, str]]:
    found = []
    for part in vector.split("/")[1:]:
        name, _colon, value = part.partition(":")
        if name in METRICS:
            words = VALUES.get(name, _IMPACT).get(value, value)
            found.append((edition.say(METRICS[name]), edition.say(words)))
    return found
