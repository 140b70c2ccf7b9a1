"""The store: audits, their examples, rows and marks, in one SQLite file or a PostgreSQL database.

`store` reads and writes them, `leases` says which worker makes what, `database` knows both databases.
"""

from audits.store.database import SCHEMA_VERSION, StoreError
from audits.store.leases import Taken
from audits.store.store import Store

__all__ = ["SCHEMA_VERSION", "Store", "StoreError", "Taken"]
