"""DingTalk's official Stream SDK for Python as an application has it: prints each event that it hears as a line of JSON.

Arguments: client ID, client secret, and what each event is answered with, one word after the other, the last for all
that follow: `ok`, or `later`. DINGTALK_OPENAPI_ENDPOINT, which the SDK reads, says where DingTalk is.
"""

import asyncio
import json
import sys

import dingtalk_stream


class Listener(dingtalk_stream.EventHandler):
    """Prints and answers."""

    def __init__(self, answers: list[str]):
        super().__init__()
        self.answers = answers

    async def process(self, event: dingtalk_stream.EventMessage):
        headers = event.headers
        print(json.dumps({
            "type": headers.event_type,
            "id": headers.event_id,
            "message": headers.message_id,
            "corp": headers.event_corp_id,
            "data": event.data,
        }), flush=True)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "later":
            return dingtalk_stream.AckMessage.STATUS_SYSTEM_EXCEPTION, "later"
        return dingtalk_stream.AckMessage.STATUS_OK, "OK"


def main():
    client_id, client_secret, *answers = sys.argv[1:]
    client = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(client_id, client_secret))
    client.register_all_event_handler(Listener(answers or ["ok"]))
    asyncio.run(client.start())


if __name__ == "__main__":
    main()
