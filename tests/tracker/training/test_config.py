"""Training configurations: what is read, and what is said about what cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.training.config import ConfigError, read_config

SOURCE = '[[sources]]\nkind = "stills"\npath = "data/stills"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_that_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    text = f'start_from = "../start.safetensors"\n{SOURCE}[[sources]]\nkind = "project"\npath = "/clips/dog.thermark"\n'
    config = read_config(written(tmp_path / "configs", text))
    assert config.start_from == tmp_path / "start.safetensors"
    assert [source.path for source in config.sources] == [
        tmp_path / "configs" / "data" / "stills",
        Path("/clips/dog.thermark").resolve(),
    ]
    assert [source.title for source in config.sources] == ["stills", "dog.thermark"]


def test_that_a_short_file_has_usable_defaults(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, SOURCE))
    assert config.variant == "default"
    assert config.start_from is None
    assert config.optimiser.steps > 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "sources: Field required"),
        (SOURCE.replace("stills", "movies", 1), "sources.0.kind"),
        (SOURCE + "weight = 0\n", "sources.0.weight"),
        (SOURCE + "wieght = 1\n", "sources.0.wieght"),
        (SOURCE + SOURCE, "several are called stills"),
        (SOURCE + "[sampling]\nnegatives = 1.5\n", "sampling.negatives"),
        (SOURCE + "[optimiser]\nsteps = 0\nbatch = 'many'\n", "optimiser.batch"),
        ('trained = ["tail"]\n' + SOURCE, "trained.0"),
        ('trained = ["backbone"]\n' + SOURCE, "head or filters"),
        ("steps == 3", "not TOML"),
    ],
)
def test_that_a_fault_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        read_config(path)
    assert complaint in error.value.message
    assert error.value.where == str(path)
    assert "docs/training.md" in error.value.todo


def test_that_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"optimiser\.steps.*; .*seed"):
        read_config(written(tmp_path, f'seed = "x"\n{SOURCE}[optimiser]\nsteps = 0\n'))


def test_that_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "gone.toml")
