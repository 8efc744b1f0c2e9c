"""What a business offers at this instant, for what an admin saves to be judged with the rest of it.

Two changes of the same instant are each judged without the other, and may contradict each other after all.
Nothing is sold wrongly then: the evaluator goes by what is there, and offers less than was meant.
"""

from __future__ import annotations

from holdfast.app.ports import Catalogues
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.errors import Unavailable


def offers_of(catalogues: Catalogues, business_id: str) -> Catalogue:
    """Of a business that is there."""
    catalogue = catalogues.current(business_id)
    if catalogue is None:
        raise Unavailable("the business went as we looked")
    return catalogue
