"""Who a person is and for which organization: sign-in, second factor, sessions, profile, organizations.

Says nothing about what a person may do: roles and grants belong to `projects`.
"""
