"""`GET /private/images/…`: a generated image, for whoever has its address, until it expires."""

from simulator.errors import ApiError
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call
from simulator.operations.images.store import PATH, ImageExpired, ImageStore
from simulator.operations.resources import Resources
from simulator.operations.routes import Route


class StorageRefusal(ApiError):
    """An error of Azure Storage, which serves the images of the real service: XML."""

    code = ""

    def body(self) -> bytes:
        text = f"<Code>{self.code}</Code><Message>{self.message}</Message>"
        return f'<?xml version="1.0" encoding="utf-8"?><Error>{text}</Error>'.encode()

    def answer(self) -> Answer:
        headers = {"x-ms-error-code": self.code}
        return Answer.plain(
            self.body(), status=self.status, content_type="application/xml", headers=headers
        )


class AddressExpired(StorageRefusal):
    status, code = 403, "AuthenticationFailed"


class ImageMissing(StorageRefusal):
    status, code = 404, "BlobNotFound"


class KeptImage(BareOperation):
    name = "kept_image"
    routes = (Route("GET", PATH),)
    anonymous = True
    local = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._images = ImageStore(resources.container, resources.now)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        try:
            data = await self._images.fetch(call.path_parameters["image"], call.request.query)
        except ImageExpired:
            raise AddressExpired(
                "Server failed to authenticate the request. Make sure the value of Authorization "
                "header is formed correctly including the signature."
            ) from None
        if data is None:
            raise ImageMissing("The specified blob does not exist.")
        return Answer.plain(data, content_type="image/png")
