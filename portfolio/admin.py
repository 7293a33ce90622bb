"""What the keepers of a server may look at: mostly reading, since actions write."""

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from portfolio.actions.members import LastSponsor, keep_sponsors_of
from portfolio.models import ApiToken, Event, Import, Membership, Portfolio, Pulse, User

admin.site.site_header = admin.site.site_title = "Pharos"
admin.site.login = secure_admin_login(admin.site.login)  # one sign-in, with its limits


class ReadOnly(admin.ModelAdmin):
    """Rows to look at. Whoever wants to change them does so on the pages, under the rules."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class PersonForm(forms.ModelForm):
    """A person as the keeper of a server may change them."""

    def clean_is_active(self) -> bool:
        if not self.cleaned_data["is_active"]:
            try:
                keep_sponsors_of(self.instance)
            except LastSponsor as refusal:
                raise ValidationError(refusal.words) from refusal
        return self.cleaned_data["is_active"]


@admin.register(User)
class UserAdmin(ReadOnly):
    """People. Here somebody is put to rest, or stops opening portfolios; nothing else."""

    form = PersonForm

    list_display = ["email", "name", "is_active", "may_open_portfolios", "is_staff", "last_login"]
    list_filter = ["is_active", "may_open_portfolios"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "may_open_portfolios", "date_joined", "last_login"]
    readonly_fields = ["email", "date_joined", "last_login"]

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser


class MembershipInline(admin.TabularInline):
    model = Membership
    fields = readonly_fields = ["user", "role", "created_at"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Portfolio)
class PortfolioAdmin(ReadOnly):
    list_display = ["key", "name", "currency", "time_zone", "revision", "created_at"]
    search_fields = ["key", "name"]
    inlines = [MembershipInline]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = ["start", "name", "user", "portfolio", "scope", "expires_at", "last_used_at"]
    exclude = ["digest"]
    list_select_related = ["user", "portfolio"]


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ["id", "portfolio", "kind", "by", "at"]
    list_filter = ["kind"]
    list_select_related = ["portfolio", "by"]
    show_full_result_count = False


@admin.register(Import)
class ImportAdmin(ReadOnly):
    list_display = ["file_name", "portfolio", "by", "state", "done", "total", "created_at"]
    list_select_related = ["portfolio", "by"]


@admin.register(Pulse)
class PulseAdmin(ReadOnly):
    list_display = ["name", "heard_at"]
