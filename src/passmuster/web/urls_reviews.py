"""Addresses of platforms and looks, reviews, findings, deviations."""

from __future__ import annotations

from django.urls import path

from passmuster.web.views import (
    consultations,
    deviations,
    findings,
    handing_out,
    hooks,
    platforms,
    reviews,
    tickets,
    what_changed,
)

urlpatterns = [
    path("platforms/", platforms.platforms_page, name="platforms"),
    path("platforms/<slug:slug>/", platforms.platform_page, name="platform"),
    path("platforms/<slug:slug>/collect", platforms.collect, name="collect_platform"),
    path("collections/", platforms.collections_page, name="collections"),
    path("collections/<int:pk>/", platforms.collection_page, name="collection"),
    path("collections/<int:pk>/changes/<slug:against>/", what_changed.what_changed_page, name="what_changed"),
    path("collections/<int:pk>/approve", platforms.approve, name="approve_baseline"),
    path("reviews/", reviews.reviews_page, name="reviews"),
    path("reviews/open", reviews.start, name="open_review"),
    path("reviews/<int:pk>/", reviews.review_page, name="review"),
    path("reviews/<int:pk>/answer", reviews.answer, name="answer_review"),
    path("reviews/<int:pk>/accept", reviews.accept, name="accept_evidence"),
    path("reviews/<int:pk>/ask-instead", reviews.ask_instead, name="ask_instead"),
    path("reviews/<int:pk>/sign", reviews.sign, name="sign_review"),
    path("reviews/<int:pk>/seal", reviews.seal, name="seal_review"),
    path("reviews/<int:pk>/again", reviews.make_again, name="make_report_again"),
    path("reviews/<int:pk>/scope", reviews.scope, name="scope_review"),
    path("reviews/<int:pk>/take-in", reviews.take_in_topics, name="take_in"),
    path("reviews/<int:pk>/evidence-bundle", handing_out.evidence_bundle, name="evidence-bundle"),
    path("reviews/<int:pk>/report/<str:name>", reviews.report, name="review_report"),
    path("findings/", findings.findings_page, name="findings"),
    path("findings/decide", findings.decide_findings, name="decide_findings"),
    path("findings/<int:pk>/", findings.finding_page, name="finding"),
    path("findings/tickets/", tickets.tickets_page, name="tickets"),
    path("findings/tickets/raise", tickets.start_tickets, name="raise_tickets"),
    path("findings/tickets/<int:pk>/", tickets.ticket_page, name="ticket"),
    path("findings/tickets/<int:pk>/tell", tickets.tell_again, name="tell_ticket_again"),
    path("api/hooks/tickets", hooks.ticket_hook, name="ticket_hook"),
    path("deviations/", deviations.deviations_page, name="deviations"),
    path("deviations/request", deviations.request_page, name="request_deviation"),
    path("deviations/<int:pk>/", deviations.deviation_page, name="deviation"),
    path("deviations/<int:pk>/decide", deviations.decide, name="decide_deviation"),
    path("consultations/<int:pk>/opinion", consultations.say_opinion, name="say_opinion"),
    path("deviations/<int:pk>/revoke", deviations.revoke, name="revoke_deviation"),
    path("deviations/<int:pk>/change", deviations.change, name="change_deviation"),
]
