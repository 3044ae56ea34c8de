"""Asking owners before acting, and answering for one's own records (R-34).

`held` finds what somebody may ask about, `asking` and `answering` make what is sent, `sending`
enters it in the audit and sends it, `table` reads what was asked and answered so far.
"""
