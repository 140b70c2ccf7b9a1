import streamlit as st

from pages import feedback, selection

st.title("Overview")
with feedback.problems():
    model = selection.classifier()
    st.write(model.architecture)
    selection.text_input()
    st.write(selection.predictions().shape)
