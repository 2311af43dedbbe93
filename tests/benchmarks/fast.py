"""The other peer: FastAPI with asyncpg over our tables, written as its users would write it."""

import datetime
import hashlib
import json
import os
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel

from config.database.roles import DATABASE

COMPANY = UUID(os.environ["PLAIN_COMPANY"])
CUSTOMERS = """
SELECT c.id, c.first_name, c.last_name, c.email, c.phone,
       CASE WHEN c.archived_at IS NOT NULL THEN 'deactivated'
            WHEN c.is_active THEN 'active' ELSE 'inactive' END AS status,
       c.preferences, c.created_at, c.updated_at,
       (SELECT count(*) FROM bookings_booking b
         WHERE b.customer_id = c.id AND b.status <> 'cancelled') AS total_bookings,
       COALESCE((SELECT sum(p.signed_amount) FROM billing_payment p
         WHERE p.customer_id = c.id), 0)::bigint AS total_spent,
       (SELECT max(b.starts_at) FROM bookings_booking b WHERE b.customer_id = c.id
           AND b.status <> 'cancelled' AND b.starts_at <= now()) AS last_booking_at,
       s.id AS subscription_id, s.plan, s.state, s.renewal_date
  FROM customers_customer c
  LEFT JOIN LATERAL (
       SELECT s.id, p.name AS plan, s.state, s.renewal_date
         FROM billing_subscription s JOIN billing_plan p ON p.id = s.plan_id
        WHERE s.customer_id = c.id AND s.cancelled_at IS NULL ORDER BY s.id DESC LIMIT 1
  ) s ON true
"""
LIST = f"{CUSTOMERS} WHERE c.company_id = $1 AND c.id < $2 ORDER BY c.id DESC LIMIT $3"
ONE = f"{CUSTOMERS} WHERE c.company_id = $1 AND c.id = $2"
SEARCH = f"""{CUSTOMERS} WHERE c.company_id = $1 AND (
    c.first_name ILIKE $2 OR c.last_name ILIKE $2 OR c.name ILIKE $2 OR c.email ILIKE $2
    OR c.phone ILIKE $2) ORDER BY c.id DESC LIMIT $3"""
ADDRESSES = """
SELECT customer_id, id, label, street, city, state, postal_code AS zip, access_notes, is_default
  FROM customers_address WHERE customer_id = ANY($1) AND archived_at IS NULL
 ORDER BY is_default DESC, id
"""
CREDITS = """
SELECT cr.id, cr.coupon_id, cr.customer_id, cr.multi_use, cr.times_redeemed, cr.expires_at,
       cr.redeemed_at, cr.revoked_at, cr.revenue, cr.currency, cr.created_at, cr.updated_at,
       co.name AS coupon_name, co.description AS coupon_description, co.code AS coupon_code
  FROM credits_credit cr JOIN credits_coupon co ON co.id = cr.coupon_id
 WHERE cr.customer_id = $1 ORDER BY cr.id DESC LIMIT $2
"""
TOKEN = """
SELECT 1 FROM plain.oauth2_provider_accesstoken WHERE token_checksum = $1 AND expires > now()
"""
LAST = UUID(int=2**128 - 1)


class Address(BaseModel):
    id: UUID
    label: str
    street: str
    city: str
    state: str
    zip: str
    access_notes: str
    is_default: bool


class Stats(BaseModel):
    total_bookings: int
    total_spent: int
    last_booking_at: datetime.datetime | None
    active_subscription: bool


class Subscription(BaseModel):
    id: UUID
    plan: str
    state: str
    renewal_date: datetime.date | None


class Customer(BaseModel):
    id: UUID
    first_name: str
    last_name: str
    email: str
    phone: str
    status: str
    addresses: list[Address]
    preferences: dict[str, Any]
    stats: Stats
    subscription: Subscription | None
    created_at: datetime.datetime
    updated_at: datetime.datetime


class Page(BaseModel):
    data: list[Customer]
    next: UUID | None


class Coupon(BaseModel):
    id: UUID
    name: str
    description: str


class Credit(BaseModel):
    id: UUID
    coupon_id: UUID
    coupon: Coupon
    coupon_name: str
    coupon_description: str
    coupon_code: str
    customer_id: UUID
    multi_use: bool
    times_redeemed: int
    expiry_date: datetime.datetime | None
    expires_at: datetime.datetime | None
    issued_at: datetime.datetime
    redeemed_at: datetime.datetime | None
    revoked_at: datetime.datetime | None
    revenue: int | None
    currency: str
    created_at: datetime.datetime
    updated_at: datetime.datetime


@asynccontextmanager
async def lifespan(app: FastAPI):
    async def prepare(connection):
        await connection.set_type_codec(
            "jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog"
        )

    async with asyncpg.create_pool(
        **json.loads(os.environ["FAST_DATABASE"]),
        database=DATABASE,
        min_size=4,
        max_size=8,
        init=prepare,
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


async def connected(request: Request, authorization: Annotated[str, Header()]):
    async with request.app.state.pool.acquire() as connection:
        digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
        if not await connection.fetchval(TOKEN, digest):
            raise HTTPException(401, "No such token")
        yield connection


Connection = Annotated[asyncpg.Connection, Depends(connected)]


async def shown(connection, rows) -> list[Customer]:
    homes: dict[UUID, list[Address]] = {}
    for row in await connection.fetch(ADDRESSES, [row["id"] for row in rows]):
        homes.setdefault(row["customer_id"], []).append(Address(**row))
    return [
        Customer(
            **row,
            addresses=homes.get(row["id"], []),
            stats=Stats(**row, active_subscription=row["state"] == "active"),
            subscription=Subscription(
                id=row["subscription_id"],
                plan=row["plan"],
                state=row["state"],
                renewal_date=row["renewal_date"],
            )
            if row["subscription_id"]
            else None,
        )
        for row in rows
    ]


@app.get("/customers")
async def customers(connection: Connection, after: UUID = LAST, limit: int = 100) -> Page:
    rows = await connection.fetch(LIST, COMPANY, after, limit)
    return Page(
        data=await shown(connection, rows), next=rows[-1]["id"] if len(rows) == limit else None
    )


@app.get("/search")
async def search(connection: Connection, search: str, limit: int = 25) -> Page:
    rows = await connection.fetch(SEARCH, COMPANY, f"%{search}%", limit)
    return Page(data=await shown(connection, rows), next=None)


@app.get("/customers/{customer_id}")
async def customer(connection: Connection, customer_id: UUID) -> Customer:
    rows = await connection.fetch(ONE, COMPANY, customer_id)
    if not rows:
        raise HTTPException(404, "No such customer")
    return (await shown(connection, rows))[0]


@app.get("/customers/{customer_id}/credits")
async def credits(connection: Connection, customer_id: UUID, limit: int = 100) -> list[Credit]:
    rows = await connection.fetch(CREDITS, customer_id, limit)
    return [
        Credit(
            **row,
            expiry_date=row["expires_at"],
            issued_at=row["created_at"],
            coupon=Coupon(
                id=row["coupon_id"], name=row["coupon_name"], description=row["coupon_description"]
            ),
        )
        for row in rows
    ]
