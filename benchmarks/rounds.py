"""Measuring things beside each other: they take turns, so that a busy minute hits them alike."""

import multiprocessing
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from typing import Any


def in_turns(rounds: int, things: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """The median seconds of each; a thing returns its own seconds."""
    seconds = {name: [] for name in things}
    for _round in range(rounds):
        for name, measure in things.items():
            seconds[name].append(measure())
    return {name: median(each) for name, each in seconds.items()}


def seconds_of(do: Callable[[], Any]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def in_a_process_of_its_own(function: Callable, *arguments: Any) -> Any:
    """Its memory is its own, and its peak can be told."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()
