"""One hall day, hand-written once per simulation library, for ``benchmarks/peers.py``.

``model.py`` has the model; each other module is named after the library it uses and has
``run(day)``. A library that plays many days in one call may add ``run_days(days)``, which is
timed instead. All of them read the same pre-drawn numbers and give the same outcome.

Looked at and left out, because a nearest model would have been an easier one or because they
do not install beside the others on Python 3.11:

* queueing-tool 1.2.5, queuenamics 0.8.4: an agent is in one queue at a time; no fork, no
  join, and no documented place to put one.
* Prosimos 2.1.0: forks and joins (BPMN gateways), but draws durations itself from fitted
  distributions, so that it cannot play these days.
* happysim 0.2.5: needs Python 3.13.
* greensim 2.3.1: pins a greenlet that does not build on Python 3.11 or later.
* pesim 0.9.5.0: its Cython sources do not build on Python 3.11.
* aleasim: there is no such package on PyPI.
* simmer: a library for R.
"""
