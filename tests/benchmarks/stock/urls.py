from django.contrib import admin
from django.urls import path

from .models import Customer


class CustomerAdmin(admin.ModelAdmin):
    list_display = ("__str__", "email", "phone", "is_active", "created_at")
    list_filter = ("is_active", "created_at")
    search_fields = ("first_name", "last_name", "name", "email", "phone")


admin.site.register(Customer, CustomerAdmin)
urlpatterns = [path("admin/", admin.site.urls)]
