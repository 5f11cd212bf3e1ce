"""A network with one hidden layer, in plain Python. The same numbers in give the same bits out."""

import math
import random
from operator import mul
from typing import TypedDict

PIXELS, HIDDEN, DIGITS = 64, 64, 10

Image = tuple[list[float], int]


class Network(TypedDict):
    """Weights by row, one row for each unit; JSON keeps every bit of them."""

    hidden: list[list[float]]
    hidden_bias: list[float]
    output: list[list[float]]
    output_bias: list[float]


def fresh(seed: int) -> Network:
    chance = random.Random(seed)

    def layer(units: int, inputs: int) -> list[list[float]]:
        spread = math.sqrt(2 / inputs)
        return [[chance.gauss(0, spread) for _ in range(inputs)] for _ in range(units)]

    return {
        "hidden": layer(HIDDEN, PIXELS),
        "hidden_bias": [0.0] * HIDDEN,
        "output": layer(DIGITS, HIDDEN),
        "output_bias": [0.0] * DIGITS,
    }


def forward(network: Network, pixels: list[float]) -> tuple[list[float], list[float]]:
    """The hidden units' values and the probability of each digit."""
    hidden = [max(0.0, sum(map(mul, row, pixels)) + b) for row, b in zip(network["hidden"], network["hidden_bias"])]
    scores = [sum(map(mul, row, hidden)) + b for row, b in zip(network["output"], network["output_bias"])]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return hidden, [power / total for power in powers]


def learn(network: Network, image: Image, rate: float) -> float:
    """One step down the gradient for one image; returns the loss before it."""
    pixels, digit = image
    hidden, chances = forward(network, pixels)
    slopes = list(chances)
    slopes[digit] -= 1.0

    back = [0.0] * HIDDEN
    for unit, slope in enumerate(slopes):
        row, step = network["output"][unit], rate * slope
        back = [b + slope * weight for b, weight in zip(back, row)]
        network["output"][unit] = [weight - step * value for weight, value in zip(row, hidden)]
        network["output_bias"][unit] -= step
    for unit, value in enumerate(hidden):
        if value > 0:
            step = rate * back[unit]
            network["hidden"][unit] = [weight - step * pixel for weight, pixel in zip(network["hidden"][unit], pixels)]
            network["hidden_bias"][unit] -= step
    return -math.log(max(chances[digit], 1e-300))
