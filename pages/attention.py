import streamlit as st

from pages import feedback

st.title("Attention")
feedback.empty("Not built yet", "This page is on its way.")
