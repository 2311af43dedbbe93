"""The peer's API: serializers, viewsets and routes."""

import os

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers, viewsets
from rest_framework.filters import SearchFilter
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.routers import DefaultRouter

from .models import Address, Booking, Coupon, Credit, Customer, Payment, PlainCredit, Subscription


class AddressSerializer(serializers.ModelSerializer):
    zip = serializers.CharField(source="postal_code")

    class Meta:
        model = Address
        fields = ("id", "label", "street", "city", "state", "zip", "access_notes", "is_default")


class SubscriptionSerializer(serializers.ModelSerializer):
    plan = serializers.CharField(source="plan.name")

    class Meta:
        model = Subscription
        fields = ("id", "plan", "state", "renewal_date")


class CustomerSerializer(serializers.ModelSerializer):
    status = serializers.SerializerMethodField()
    addresses = AddressSerializer(many=True)
    stats = serializers.SerializerMethodField()
    subscription = serializers.SerializerMethodField()

    class Meta:
        model = Customer
        fields = (
            *("id", "first_name", "last_name", "email", "phone", "status", "addresses"),
            *("preferences", "stats", "subscription", "created_at", "updated_at"),
        )

    def get_status(self, customer):
        if customer.archived_at:
            return "deactivated"
        return "active" if customer.is_active else "inactive"

    def get_stats(self, customer):
        return {
            "total_bookings": customer.total_bookings,
            "total_spent": customer.total_spent,
            "last_booking_at": customer.last_booking_at,
            "active_subscription": customer.active_subscription,
        }

    def get_subscription(self, customer):
        live = [one for one in customer.subscriptions.all() if one.cancelled_at is None]
        return SubscriptionSerializer(live[0]).data if live else None


class ByCursor(CursorPagination):
    page_size = 100
    ordering = "-id"


class ByNumber(PageNumberPagination):
    page_size = 25
    page_size_query_param = "per_page"
    max_page_size = 100


def of(model, **also):
    return model.objects.filter(customer_id=OuterRef("pk"), **also).order_by()


def with_stats(customers):
    counted = of(Booking).exclude(status="cancelled")
    return customers.annotate(
        total_bookings=Coalesce(
            Subquery(counted.values("customer_id").annotate(n=Count("*")).values("n")), 0
        ),
        total_spent=Coalesce(
            Subquery(
                of(Payment).values("customer_id").annotate(n=Sum("signed_amount")).values("n")
            ),
            0,
        ),
        last_booking_at=Subquery(
            counted.filter(starts_at__lte=timezone.now())
            .order_by("-starts_at")
            .values("starts_at")[:1]
        ),
        active_subscription=Exists(of(Subscription, state="active")),
    )


class CustomerViewSet(viewsets.ModelViewSet):
    serializer_class = CustomerSerializer
    pagination_class = ByCursor
    filter_backends = [SearchFilter]
    search_fields = ["first_name", "last_name", "name", "email", "phone"]

    def get_queryset(self):
        customers = Customer.objects.filter(company_id=os.environ["PLAIN_COMPANY"])
        return with_stats(customers).prefetch_related(
            Prefetch(
                "addresses", Address.objects.filter(archived_at=None).order_by("-is_default", "id")
            ),
            Prefetch("subscriptions", Subscription.objects.select_related("plan").order_by("-id")),
        )


class CustomersByNumber(CustomerViewSet):
    pagination_class = ByNumber

    def get_queryset(self):
        return super().get_queryset().order_by("-id")


class CouponSerializer(serializers.ModelSerializer):
    class Meta:
        model = Coupon
        fields = ("id", "name", "description")


CREDIT = (
    *("id", "coupon_id", "customer_id", "subscription_id", "multi_use", "times_redeemed"),
    *("expires_at", "redeemed_at", "revoked_at", "revenue", "currency", "created_at"),
    "updated_at",
)


FROM_COUPON = ("coupon_name", "coupon_description", "coupon_code")


class CreditSerializer(serializers.ModelSerializer):
    coupon = CouponSerializer()
    coupon_name = serializers.CharField(source="coupon.name")
    coupon_description = serializers.CharField(source="coupon.description")
    coupon_code = serializers.CharField(source="coupon.code")
    expiry_date = serializers.DateTimeField(source="expires_at")
    issued_at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Credit
        fields = (*CREDIT, "coupon", *FROM_COUPON, "expiry_date", "issued_at")


class CreditViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = CreditSerializer
    pagination_class = ByNumber

    def get_queryset(self):
        return (
            Credit.objects.filter(customer_id=self.kwargs["customer_id"])
            .filter(Q(coupon__isnull=False))
            .select_related("coupon")
            .order_by("-id")
        )


class PlainCreditSerializer(serializers.ModelSerializer):
    class Meta:
        model = PlainCredit
        fields = ("id", "coupon", "customer", "expires_at", "revenue", "currency", "created_at")


class PlainCreditViewSet(viewsets.ModelViewSet):
    serializer_class = PlainCreditSerializer
    queryset = PlainCredit.objects.all()


router = DefaultRouter()
router.register("customers", CustomerViewSet, "customers")
router.register("numbered", CustomersByNumber, "numbered")
router.register("credits", PlainCreditViewSet, "credits")
router.register(r"customers/(?P<customer_id>[^/.]+)/credits", CreditViewSet, "customer-credits")
urlpatterns = [
    path("", include(router.urls)),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
