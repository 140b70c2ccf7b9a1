import streamlit as st

from pages import feedback

st.title("Explain")
feedback.empty("Not built yet", "This page is on its way.")
