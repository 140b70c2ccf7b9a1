import streamlit as st

from pages import feedback

st.title("Attack")
feedback.empty("Not built yet", "This page is on its way.")
