"""Columns as arrays to count in: words by their place in a vocabulary, answers as flags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Places = npt.NDArray[np.int8]  # no vocabulary has more than 126 words
Flags = npt.NDArray[np.bool_]


def places(words: pd.Series, vocabulary: Sequence[str]) -> Places:
    """Where each word stands in a vocabulary.

    Parameters
    ----------
    words : Series of text or of categories
    vocabulary : the words that are told apart

    Returns
    -------
    array of places, one per value; as many as there are words for whatever is none of them.
    """
    coded = pd.Categorical(words)
    place_of = {str(word): place for place, word in enumerate(vocabulary)}
    other = len(vocabulary)
    # The last one is for a missing word, whose code is -1.
    found = [place_of.get(word, other) for word in coded.categories]
    place: Places = np.array([*found, other], dtype=np.int8)[coded.codes]
    return place


def counted(places: Places, vocabulary: Sequence[str]) -> dict[str, int]:
    """How many have each word, in the order of the vocabulary; words that nobody has left out.

    Parameters
    ----------
    places : as :func:`places` returns them
    vocabulary : the same as there

    Returns
    -------
    dict of counts by word.
    """
    counts = np.bincount(places, minlength=len(vocabulary)).tolist()
    return {str(word): n for word, n in zip(vocabulary, counts, strict=False) if n}


class Answers(NamedTuple):
    """Yes or no, and of whom either is known."""

    is_true: Flags
    is_known: Flags


def answers(flags: pd.Series) -> Answers:
    """A column of answers as two arrays.

    Parameters
    ----------
    flags : Series of bool or boolean, missing where the question does not arise

    Returns
    -------
    Answers: missing ones are not true and not known.
    """
    is_known = flags.notna().to_numpy()
    return Answers(flags.astype("boolean").to_numpy(np.bool_, na_value=False), is_known)
