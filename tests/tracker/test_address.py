from __future__ import annotations

from pathlib import Path

import pytest

from tracker.address import is_there, join_address, split_address


@pytest.mark.parametrize(
    ("address", "file", "inside"),
    [
        ("/clips/a.h5::/camera/frames", "/clips/a.h5", "/camera/frames"),
        ("a.zarr::frames", "a.zarr", "frames"),
        ("/clips/a.mp4", "/clips/a.mp4", ""),
        ("/clips/a.h5::", "/clips/a.h5::", ""),
        ("::/frames", "::/frames", ""),
    ],
)
def test_that_an_address_is_a_file_and_what_is_in_it(address: str, file: str, inside: str) -> None:
    assert split_address(Path(address)) == (Path(file), inside)
    assert join_address(*split_address(Path(address))) == Path(address)


def test_that_a_file_of_such_a_name_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "a::b.mp4"
    path.touch()
    assert split_address(path) == (path, "")
    assert is_there(path)


def test_that_an_address_is_there_where_its_file_is(tmp_path: Path) -> None:
    (tmp_path / "a.h5").touch()
    assert is_there(tmp_path / "a.h5::/frames")
    assert not is_there(tmp_path / "b.h5::/frames")
