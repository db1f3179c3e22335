# Fetches a URL as a program does that takes its proxy from the environment, and
# prints the status and the body. The first argument is by what.
import asyncio
import os
import ssl
import sys

by, url = sys.argv[1:]


def with_requests():
    import requests

    resp = requests.get(url)  # REQUESTS_CA_BUNDLE
    return resp.status_code, resp.text


def with_httpx():
    import httpx

    resp = httpx.get(url)  # SSL_CERT_FILE
    return resp.status_code, resp.text


def with_aiohttp():
    import aiohttp

    async def fetch():
        trust = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
        async with aiohttp.ClientSession(trust_env=True) as session:
            async with session.get(url, ssl=trust) as resp:
                return resp.status, await resp.text()

    return asyncio.run(fetch())


try:
    print(*{"requests": with_requests, "httpx": with_httpx, "aiohttp": with_aiohttp}[by]())
except Exception as error:
    sys.exit(f"failed: {type(error).__name__}: {error}")
