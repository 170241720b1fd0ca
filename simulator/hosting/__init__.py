"""Hosting: the Azure Functions app and the local host."""
