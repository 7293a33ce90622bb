"""Addresses of people and access: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import people as machines
from portfolio.views import people as views

SETTINGS = "portfolios/<str:key>/settings/"

pages = [
    path("portfolios/new/", views.open_portfolio, name="open_portfolio"),
    path(SETTINGS, views.settings, name="settings"),
    path(f"{SETTINGS}members/", views.members, name="members"),
    path(f"{SETTINGS}members/<int:pk>/role/", views.member_role, name="member_role"),
    path(f"{SETTINGS}members/<int:pk>/removal/", views.member_removal, name="member_removal"),
    path(f"{SETTINGS}members/<int:pk>/opening/", views.member_opening, name="member_opening"),
    path(
        f"{SETTINGS}invitations/<int:pk>/revocation/",
        views.invitation_revocation,
        name="invitation_revocation",
    ),
    path(
        f"{SETTINGS}invitations/<int:pk>/sending/",
        views.invitation_sending,
        name="invitation_sending",
    ),
    path(f"{SETTINGS}tokens/", views.tokens, name="tokens"),
    path(f"{SETTINGS}tokens/<int:pk>/revocation/", views.token_revocation, name="token_revocation"),
    path("invitations/<str:signed>/", views.invitation, name="invitation"),
]

PORTFOLIO = "portfolios/<str:key>/"

api = [
    path("portfolios/", machines.Portfolios.as_view(), name="portfolios"),
    path(PORTFOLIO, machines.OnePortfolio.as_view(), name="portfolio"),
    path(f"{PORTFOLIO}members/", machines.Members.as_view(), name="members"),
    path(f"{PORTFOLIO}members/<int:pk>/", machines.Member.as_view(), name="member"),
    path(f"{PORTFOLIO}invitations/", machines.Invitations.as_view(), name="invitations"),
    path(f"{PORTFOLIO}invitations/<int:pk>/", machines.OneInvitation.as_view(), name="invitation"),
    path(
        f"{PORTFOLIO}invitations/<int:pk>/sending/",
        machines.InvitationSending.as_view(),
        name="invitation_sending",
    ),
]
