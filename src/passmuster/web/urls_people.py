"""Settings of people."""

from __future__ import annotations

from django.urls import path

from passmuster.web.views import people

urlpatterns = [
    path("settings/", people.settings_page, name="settings"),
    path("settings/access/", people.access_page, name="access"),
    path("settings/people/", people.people_page, name="people"),
    path("settings/people/add", people.add_person, name="add_person"),
    path("settings/people/import", people.take_in_people, name="import_people"),
    path("settings/people/<int:pk>/", people.person_page, name="person"),
    path("settings/people/<int:pk>/duties", people.change_duties, name="change_duties"),
    path("settings/people/<int:pk>/minutes", people.change_minutes, name="change_minutes"),
    path("settings/people/<int:pk>/link", people.make_link, name="make_link"),
    path("settings/people/<int:pk>/switch", people.switch_person, name="switch_person"),
    path("settings/groups/", people.groups_page, name="groups"),
    path("settings/groups/<int:pk>/remove", people.remove_group, name="remove_group"),
]
