"""The sample site: a server that plays a comparison site from a seed and a clock, faults included.

It exists to be crawled: by tests, benchmarks and the demo. What it shows at a moment is a pure function of the seed and
that moment (`world`); how it shows it (`layouts`), how late (`caches`) and how badly (`faults`) is set while it runs,
over HTTP. All it tells is invented. It listens on this machine only. See ``docs/sample-site.md``.
"""
