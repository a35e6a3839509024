"""Gives the laws of the kinds their cases."""

from tests.engine.kinds.kind_laws import KindLaws


def pytest_generate_tests(metafunc):
    if metafunc.cls is None or not issubclass(metafunc.cls, KindLaws):
        return
    for name, cases in metafunc.cls.cases().items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, cases)
