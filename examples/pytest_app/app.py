"""An app as many are: it knows nothing of a simulator, only of the environment's variables."""

from openai import AzureOpenAI


def ask(question: str, deployment: str = "gpt-4o") -> str:
    """Return the answer to a question."""
    with AzureOpenAI() as client:
        answer = client.chat.completions.create(
            model=deployment,
            messages=[{"role": "user", "content": question}],
            max_tokens=20,
            temperature=0,
        )
    return answer.choices[0].message.content or ""
