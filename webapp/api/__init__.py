"""The JSON surfaces. `create_app` registers each; none knows another."""
