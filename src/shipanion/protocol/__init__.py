"""The wire protocol ``shipanion.v1`` without any I/O.

codes        error and close codes; a close code's range tells a client what to do next
position     places in a log, and the decision how a resume is answered
merge_patch  RFC 7396
frames       every generic frame and event, as tagged structs
registry     the frames of a program: the generic ones plus those of its domain
command_order which commands of a connection may be decided
codec        bytes to frames and back, with limits
delivery     the cursor of one connection
handshake    what a client says of itself when it comes, checked
session      the server's half of a connection, as a state machine
client       the client's half
backoff      how long to wait before coming back

Nothing here reads a clock, rolls dice or touches a socket: time and tokens are arguments.
"""
