"""The trail as people meet it: sign-ins and refusals noted, histories and activity shown."""
