"""Emulators: a figure predicted from the inputs of a simulation by linear regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
PENALTIES = np.logspace(-3, 3, 13)
"""Ridge penalties of which the one that predicts best is used."""


@dataclass(frozen=True)
class Emulator:
    """A linear predictor.

    Parameters
    ----------
    centre
        Mean of each input, shape (inputs,).
    coefficients
        One per input, shape (inputs,).
    mean
        Of the output.
    variance
        Of the error of a prediction, left-out values predicted from the others.
    """

    centre: Floats
    coefficients: Floats
    mean: float
    variance: float

    def predict(self, inputs: Floats) -> Floats:
        """Predict the output.

        Parameters
        ----------
        inputs
            Shape (n, inputs).

        Returns
        -------
        ndarray
            Shape (n,).
        """
        return np.asarray(self.mean + (inputs - self.centre) @ self.coefficients)


def emulate(inputs: Floats, outputs: Floats) -> Emulator:
    """Fit a ridge regression, its penalty chosen by leaving out one value after the other.

    Source: Hoerl and Kennard, Ridge regression (1970); Allen, The relationship between variable
    selection and data augmentation and a method for prediction (1974), for the errors of left-out
    values.

    Parameters
    ----------
    inputs
        Shape (n, inputs).
    outputs
        Known numbers, shape (n,), at least three.

    Returns
    -------
    Emulator
        The best of `PENALTIES`.

    Raises
    ------
    ValueError
        If there are fewer than three outputs.
    """
    if len(outputs) < 3:
        raise ValueError("an emulator needs at least three outputs")
    centre, mean = inputs.mean(axis=0), float(outputs.mean())
    left, singular, right = np.linalg.svd(inputs - centre, full_matrices=False)
    projected = left.T @ (outputs - mean)
    best: tuple[float, Floats] | None = None
    for penalty in PENALTIES:
        shrunk = singular**2 / (singular**2 + penalty)
        leverage = (left**2) @ shrunk + 1 / len(outputs)
        error = (outputs - mean - left @ (shrunk * projected)) / np.maximum(1 - leverage, 1e-6)
        variance = float((error**2).mean())
        if best is None or variance < best[0]:
            best = variance, right.T @ (singular / (singular**2 + penalty) * projected)
    assert best is not None  # noqa: S101  (there are penalties)
    return Emulator(centre, best[1], mean, best[0])
