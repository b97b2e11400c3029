"""Which critic a text is by, told from the way it is written: trained on texts of known critics, frozen, applied.

`train` needs scikit-learn (the extra ``classify``); what it gives is plain numbers, which `model` writes as JSON and
`judge` applies without it. Only the words count: were scores or verdicts taken into account, no count of a critic's
verdicts could be trusted any more.
"""
