"""Two sources of choices for the drawing of cohorts."""

from random import Random

from hypothesis import strategies as st


class HypothesisChoices:
    """Choices that hypothesis makes, replays and shrinks."""

    def __init__(self, draw):
        self._draw = draw

    def one_of(self, options):
        return self._draw(st.sampled_from(list(options)))

    def some_of(self, options, at_most):
        unique = list(dict.fromkeys(options))
        return self._draw(st.lists(st.sampled_from(unique), unique=True, max_size=at_most))

    def number(self, least, most):
        return self._draw(st.integers(least, most))

    def once_in(self, times):
        return self._draw(st.integers(0, times - 1)) == times - 1


class RandomChoices:
    """Choices of a seeded generator."""

    def __init__(self, seed):
        self._random = Random(seed)

    def one_of(self, options):
        options = list(options)
        return options[int(self._random.random() * len(options))]

    def some_of(self, options, at_most):
        unique = list(dict.fromkeys(options))
        wanted = self.number(0, min(at_most, len(unique)))
        return [unique.pop(int(self._random.random() * len(unique))) for _ in range(wanted)]

    def number(self, least, most):
        return least + int(self._random.random() * (most - least + 1))

    def once_in(self, times):
        return self._random.random() * times < 1
