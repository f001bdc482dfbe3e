## What went wrong, and what to do.
trouble-title = This did not work
trouble-home = To the overview
trouble-offline = The server does not answer. Check your connection and try again.
trouble-signed-out = Your session has ended. Log in again.
trouble-cross-origin = A page of another site asked for this. Do it on the console's own pages.
trouble-not-found-title = Not found
trouble-not-found = There is no such page.
trouble-bad-form = The form could not be read. Go back and try again.
trouble-fault = The request failed through a fault of this deployment. Its log says more.
