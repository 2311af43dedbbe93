"""How staff get into the back-office: password, second factor, lock-out, sessions."""
