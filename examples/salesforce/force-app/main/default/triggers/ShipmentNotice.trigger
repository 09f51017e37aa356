trigger ShipmentNotice on Shipment__c (after update) {
    ShipmentNotices.send(Trigger.new);
}
