"""A profile of a build for flame graphs, in the format of speedscope (https://www.speedscope.app/file-format-schema.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

INTERVAL = 0.005  # seconds between two looks: a build of minutes fits in memory, one of seconds still has hundreds
LEAST = 0.0005  # of the whole time; what took less is counted with its caller


class ProfilerMissing(Exception):
    """The optional dependency is not installed; the message says what to do."""


class Profile:
    """Records what this process does between its making and ``write``. Raises ProfilerMissing."""

    def __init__(self) -> None:
        try:
            from pyinstrument import Profiler
        except ImportError:
            raise ProfilerMissing("--profile needs pyinstrument; install it with: pip install 'waypost[profile]'") from None
        self._profiler = Profiler(INTERVAL, async_mode="disabled")
        self._profiler.start()

    def write(self, file: Path, seconds: Mapping[str, float]) -> None:
        """Ends the recording; writes the calls with equal ones added up, and beside them the stages with their seconds."""
        from pyinstrument.processors import aggregate_repeated_calls, remove_irrelevant_nodes
        from pyinstrument.renderers import SpeedscopeRenderer

        session = self._profiler.stop()
        renderer = SpeedscopeRenderer(processor_options={"filter_threshold": LEAST})
        renderer.processors.insert(renderer.processors.index(remove_irrelevant_nodes), aggregate_repeated_calls)
        told = json.loads(renderer.render(session))
        told["name"], told["activeProfileIndex"] = "waypost build", 0
        told["profiles"][0]["name"] = "calls"
        told["profiles"].append(_stages(seconds, told["shared"]["frames"]))
        file.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _stages(seconds: Mapping[str, float], frames: list[dict[str, Any]]) -> dict[str, Any]:
    """A profile in which the stages follow each other; their names are added to the frames."""
    events, end = [], 0.0
    for stage, length in seconds.items():
        events.append({"type": "O", "frame": len(frames), "at": end})
        end += length
        events.append({"type": "C", "frame": len(frames), "at": end})
        frames.append({"name": stage})
    return {"type": "evented", "name": "stages", "unit": "seconds", "startValue": 0, "endValue": end, "events": events}
