import streamlit as st

from pages import feedback

st.title("Reports")
feedback.empty("Not built yet", "This page is on its way.")
