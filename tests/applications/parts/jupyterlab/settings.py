# The server's settings, as an operator would write them who puts it behind a proxy.
import os

c = get_config()  # noqa: F821 (Jupyter has it)

c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = int(os.environ["LAB_PORT"])
c.ServerApp.port_retries = 0
c.ServerApp.root_dir = os.environ["LAB_FOLDER"]
c.ServerApp.allow_root = True
c.ServerApp.allow_remote_access = True  # the name in the address bar is not its own
c.ExtensionApp.open_browser = False
c.IdentityProvider.token = "lab-token"
c.IdentityProvider.cookie_name = "lab"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
