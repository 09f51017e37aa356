"""Settings of the programme, and what is asked of vendors."""

from __future__ import annotations

from django.urls import path

from passmuster.web.views import asked, cadence, environment_times, platform_settings, programme, vendor_requests

_ONE = "settings/platforms/<slug:slug>"
urlpatterns = [
    path("settings/vendors/", programme.vendors_page, name="vendors"),
    path("settings/vendors/<int:pk>/", programme.vendor_page, name="vendor"),
    path("settings/escalation/", programme.escalation_page, name="escalation"),
    path("settings/owners.csv", programme.owners_csv_file, name="owners_csv"),
    path("settings/owners.xlsx", programme.owners_workbook, name="owners_xlsx"),
    path("settings/owners/import", programme.take_in_owners, name="import_owners"),
    path("settings/platforms/", programme.platforms_page, name="platform_settings"),
    path("settings/new-platform/", programme.new_platform, name="new_platform"),
    path(f"{_ONE}/", platform_settings.page, name="platform_setting"),
    path(f"{_ONE}/basics", platform_settings.change_basics, name="change_basics"),
    path(f"{_ONE}/running", platform_settings.change_how_it_runs, name="change_running"),
    path(f"{_ONE}/environments", platform_settings.put_one_environment, name="put_environment"),
    path(f"{_ONE}/environments/<int:pk>/remove", platform_settings.drop_environment, name="remove_environment"),
    path(f"{_ONE}/environments/<int:pk>/times/", environment_times.times_page, name="environment_times"),
    path(f"{_ONE}/cadence/", cadence.cadence_page, name="cadence"),
    path(f"{_ONE}/owners", platform_settings.put_owner, name="set_owner"),
    path(f"{_ONE}/owners/<int:pk>/remove", platform_settings.drop_owner, name="remove_owner"),
    path(f"{_ONE}/escalation", platform_settings.put_escalation, name="set_escalation"),
    path(f"{_ONE}/registers", platform_settings.take_in_register, name="put_register"),
    path(f"{_ONE}/registers.xlsx", platform_settings.registers_workbook, name="registers_xlsx"),
    path(f"{_ONE}/registers/<slug:name>.csv", platform_settings.register_file, name="register_file"),
    path(f"{_ONE}/tier/<int:pk>", platform_settings.decide_proposal, name="decide_tier"),
    path("asked/", asked.asked_page, name="asked"),
    path("asked/<int:pk>", asked.answer, name="answer_asked"),
    path("asked/<int:pk>/file/", asked.hand_in, name="asked_hand_in"),
    path("asked/files/<int:number>/", asked.own_file, name="asked_file"),
    path("vendor-requests/", vendor_requests.vendor_requests_page, name="vendor_requests"),
    path("vendor-requests/new/", vendor_requests.ask_page, name="ask_vendor"),
    path("vendor-requests/<int:pk>/", vendor_requests.vendor_request_page, name="vendor_request"),
    path("vendor-requests/<int:pk>/decide/", vendor_requests.decide, name="decide_vendor_request"),
]
