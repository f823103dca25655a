"""Protocol files."""

from __future__ import annotations

from pathlib import Path

import pytest

import resources
from tracker.errors import EvaluationError
from tracker.evaluation.one_pass import Unusable
from tracker.evaluation.protocols import Kind, load_protocol


def test_that_every_protocol_that_comes_with_thermark_loads() -> None:
    names = set(resources.protocols())
    assert {"ptb-tir", "lsotb-tir", "vot-tir2015", "vot-tir2016", "vot-tir2017", "otb", "got-10k"} <= names
    for name in names:
        protocol = load_protocol(name)
        assert protocol.name == name
        assert protocol.source


def test_that_the_tir_protocols_have_their_toolkits_settings() -> None:
    lsotb, ptb = load_protocol("LSOTB-TIR"), load_protocol("ptb-tir")
    assert (lsotb.sequences, len(lsotb.attributes), ptb.sequences, len(ptb.attributes)) == (120, 16, 60, 10)
    assert lsotb.one_pass.unusable is Unusable.AS_OTB_TOOLKIT
    assert lsotb.one_pass.first_pixel == 1
    for year, count in ((2015, 20), (2016, 25), (2017, 25)):
        vot = load_protocol(f"vot-tir{year}")
        assert (vot.kind, vot.sequences, vot.repetitions) == (Kind.SUPERVISED, count, 15)
        assert (vot.supervised.skip, vot.supervised.burn_in) == (5, 10)
        assert vot.supervised.failure_overlap == 0
        assert vot.supervised.interval is None


def test_that_a_protocol_of_ones_own_is_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    head = 'title = "Mine"\nsource = "me"\nkind = "supervised"\n'
    path.write_text(head + "[supervised]\ninterval = [50, 100]\n", encoding="utf-8")
    assert load_protocol(str(path)).supervised.interval == (50, 100)
    for text, message in (
        (head + "[supervised]\ninterval = [100, 50]\n", "ends before"),
        (head + "[supervised]\nskipp = 3\n", r"supervised\.skipp"),
        (head.replace("supervised", "no"), "kind"),
        ("= 3", "TOML"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(EvaluationError, match=message):
            load_protocol(str(path))


def test_that_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(EvaluationError, match=r"no such protocol.*lsotb-tir"):
        load_protocol("nothing")
