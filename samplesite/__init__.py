"""The sample site: a server that acts as a comparison site, generated from a seed and a clock, with faults on request.

Tests, benchmarks and the demo crawl it. Its content is a pure function of the seed and the time (`world`). The layout
(`layouts`), lagging caches (`caches`) and faults (`faults`) can be set over HTTP while it runs. All content is
invented. It only listens on this machine. See ``docs/sample-site.md``.
"""
