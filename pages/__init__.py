"""What a person sees: one file a page, and what the pages share."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

# Until `st.navigation` has run once in a server, Streamlit takes this folder for its old kind of pages
# and would run a page's file by itself, without the frame of app.py, when the first visitor follows a
# link to it. So whoever comes first switches that off, and starts the run again.
if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()
