"""What every app needs and no app owns: rules, state tables, forms, charts, files, mail, checks.

Knows no domain word: nothing here says risk, task or policy. It rests on Django alone, and every other app may rest on it.
"""
