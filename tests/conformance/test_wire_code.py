"""What the commands see of frames, they see behind an access code, too."""
import test_wire_channel
from links import linked, pair  # noqa: F401
from test_wire_link_forge import (  # noqa: F401
    test_a_closed_link_takes_nothing, test_a_link_is_closed_by_its_own_name_only,
    test_a_packet_of_a_link_is_no_packet_of_a_destination,
    test_damaged_packets_are_dropped_and_the_link_stays, test_only_who_proves_an_identity_has_it)
from test_wire_link_probe import (  # noqa: F401
    test_keepalives_are_heard_and_answered_by_who_was_silent,
    test_only_who_was_heard_is_told_of_the_end, test_signal_values_are_told_while_they_are_tracked)
from test_wire_receipt import (  # noqa: F401
    proving, test_a_proof_is_the_signature_of_who_was_reached, test_what_is_proved_is_delivered,
    test_what_nobody_can_read_is_not_proved)
from test_wire_request import (  # noqa: F401
    test_a_long_answer_is_offered_instead, test_an_answer_comes_to_who_asked,
    test_an_answer_is_a_packet_with_the_requests_name)

CONFIG = {"network_name": "closed", "passphrase": "secret"}


def test_the_packet_of_a_message(linked):  # noqa: F811
    linked.of_inbound("wire_channel_received")
    test_wire_channel.test_the_packet_of_a_message(linked)
