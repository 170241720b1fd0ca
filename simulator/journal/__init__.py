"""The journal: requests and their answers, the verdict on clients, and costs."""
