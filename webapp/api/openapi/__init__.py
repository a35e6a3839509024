"""The description of the API, made from what serves it: routes, permissions, bodies, forms and facts."""
