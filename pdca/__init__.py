"""The published method and the standards, as data: phases, steps, activities, clauses, controls, the crosswalk.

Serves no single step: it is what every step is copied from. It never knows a project; a project keeps the edition it
started with. Answers from the harmonized structure which requirements several standards share; what an organization
does about a requirement is left to the registers.
"""
