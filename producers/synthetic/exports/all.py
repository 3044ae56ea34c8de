"""The exports of all five departments, by department name."""

from __future__ import annotations

from producers.synthetic.exports import court, harbor_city, millbrook, registry, sheriff
from producers.synthetic.exports.form import DepartmentExports

ALL: dict[str, DepartmentExports] = {
    exports.department: exports
    for exports in (
        harbor_city.EXPORTS,
        millbrook.EXPORTS,
        sheriff.EXPORTS,
        court.EXPORTS,
        registry.EXPORTS,
    )
}
