"""Calls AWS's API: reads [[service, operation, parameters], …] as JSON, writes the answers as one JSON array.

Operations are called by their names in botocore and read to their last page where there are pages.
"""

import json
import sys

from botocore.session import get_session


def call(service, operation, parameters):
    client = session.create_client(service)
    if client.can_paginate(operation):
        return client.get_paginator(operation).paginate(**parameters).build_full_result()
    answer = getattr(client, operation)(**parameters)
    answer.pop("ResponseMetadata", None)
    return answer


session = get_session()
json.dump([call(*wanted) for wanted in json.load(sys.stdin)], sys.stdout, default=str)
